import type { EgressDefinition, EndpointDefinition, IngressDefinition } from '../model.ts'
import type { ModuleTarget } from '../read-context.ts'
import type { Reader } from '../readers/reader.ts'

/** A name in the file that refers to something defined elsewhere in it. */
export interface Reference {
  readonly name: string
  /** What messages may show of the name. */
  readonly shown: string
  readonly offset: number
}

/** What one document defines, with the places that checks across documents need. */
export type Binding =
  | {
      readonly role: 'endpoint'
      /** Function type or namespace pattern; each may be bound once (contract 4.1). */
      readonly key: Reference
      readonly definition: EndpointDefinition
      /** Egress that a failure policy names. */
      readonly deadLetterEgress: Reference | undefined
    }
  | {
      readonly role: 'ingress'
      readonly key: Reference
      readonly definition: IngressDefinition
      /** Functions that records are sent to. */
      readonly targets: readonly Reference[]
    }
  | { readonly role: 'egress'; readonly key: Reference; readonly definition: EgressDefinition }

/** A kind of module.yaml (contract 4.2 to 4.6). */
export interface ModuleKind {
  readonly kind: string
  readonly role: Binding['role']
  /** One sentence for the reference page. */
  readonly doc: string
  /** Where the kind exists; undefined for everywhere. */
  readonly only: readonly ModuleTarget[] | undefined
  readonly spec: Reader<Binding>
}
