import { NoSchemaIntrospectionCustomRule } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Answers questions about the schema, or refuses them where that is not wanted. */
export function useIntrospection(isAllowed: boolean): Plugin {
  return {
    onValidate({ addValidationRule }) {
      if (!isAllowed) addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  };
}
