/** How the API names what the rules of alerts name. */

export const alertTriggers = {
  FACT_CREATED: 'fact.created',
  FACT_THRESHOLD: 'fact.threshold',
  FACT_RETRACTED: 'fact.retracted',
  ENTITY_CREATED: 'entity.created',
  ENTITY_MENTIONED: 'entity.mentioned',
  ENTITY_MERGED: 'entity.merged',
  ENTITY_SPIKE: 'entity.spike',
  PAIR_SPIKE: 'pair.spike',
} as const;

export const alertSeverities = { INFO: 'info', WARNING: 'warning', CRITICAL: 'critical' } as const;

export const alertRuleParts = {
  RULE: 'rule',
  HEAD: 'head',
  TAIL: 'tail',
  TYPE: 'type',
  ENTITY: 'entity',
  PAIR: 'pair',
} as const;

export const alertSpikeMethods = { ZSCORE: 'zscore', RATIO: 'ratio' } as const;

export const alertNoveltyOfs = { LINK: 'link', PAIR: 'pair', ENTITY: 'entity' } as const;

export const alertRuleOrigins = { FILE: 'file', API: 'api' } as const;

export const alertKinds = { FIRED: 'alert.fired', RESOLVED: 'alert.resolved' } as const;

export const deliveryStates = { PENDING: 'pending', DELIVERED: 'delivered', FAILED: 'failed' } as const;

export const alertEventKinds = { ALERT: 'alert', HEARTBEAT: 'heartbeat' } as const;
