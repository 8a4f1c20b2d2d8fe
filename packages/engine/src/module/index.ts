export { expandModule } from './expand-module.ts'
export { type JsonSchema, moduleJsonSchema } from './json-schema.ts'
export { type LoadModuleOptions, loadModule, readModuleFile, readModuleText } from './load-module.ts'
export type * from './model.ts'
export { type ModuleField, moduleFields } from './module-fields.ts'
export {
  type Expansion,
  expandPlaceholders,
  type PlaceholderEnv,
  type PlaceholderFault,
} from './placeholder.ts'
export { formatProblem, type ModuleProblem, type ModuleProblemCode, type Problem } from './problem.ts'
export type { ModuleTarget } from './read-context.ts'
export { type ValidateModuleOptions, validateModule } from './validate-module.ts'
