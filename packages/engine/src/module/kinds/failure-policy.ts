import type { FailurePolicy } from '../model.ts'
import { type Reader, required } from '../readers/reader.ts'
import { topicName, typename } from '../readers/scalars.ts'
import { plainCase, variant, variantCase } from '../readers/variant.ts'
import type { Reference } from './kind.ts'

/** A failure policy and the egress it names. */
export interface ReadFailurePolicy {
  readonly policy: FailurePolicy
  readonly egress: Reference | undefined
}

/** `failurePolicy` of an endpoint: what follows when the retry budget of a call is used up. An extension of our engine. */
export const failurePolicy: Reader<ReadFailurePolicy> = variant({
  cases: {
    fail: plainCase<ReadFailurePolicy>({ policy: { type: 'fail' }, egress: undefined }),
    park: plainCase<ReadFailurePolicy>({ policy: { type: 'park' }, egress: undefined }),
    deadLetter: variantCase({
      fields: {
        egress: required(typename, 'Id of the Kafka egress of this file that dead letters are written to.'),
        topic: required(topicName, 'Topic that dead letters are written to.'),
      },
      build: ({ values, valueOffset, shown }): ReadFailurePolicy => ({
        policy: { type: 'deadLetter', egress: values.egress, topic: values.topic },
        egress: { name: values.egress, shown: shown('egress'), offset: valueOffset('egress') },
      }),
    }),
  },
})
