// Libraries look at this when they are loaded, so it comes before them: the one of GraphQL checks every object at each step
// otherwise, for people who write schemas.
// oxlint-disable-next-line node/no-process-env -- a switch of libraries, not a setting of ours
process.env['NODE_ENV'] ??= 'production';
