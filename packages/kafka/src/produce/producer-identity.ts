import { initProducerIdV4 } from '../cluster/client-library.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { NO_STAMP } from '../record-batch/batch-builder.ts'

/** Producer id and epoch for idempotence, without a transactional id. */
export class ProducerIdentity {
  producerId = NO_STAMP.producerId
  producerEpoch = NO_STAMP.producerEpoch
  /** Grows with every renewal: sequences start at 0 again. */
  generation = 0
  readonly #cluster: Cluster
  #renewing: Promise<void> | undefined

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Asks a broker for a new identity; calls during a renewal share it. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => {
      this.#renewing = undefined
    })
    return this.#renewing
  }

  async #renew(): Promise<void> {
    const given = await this.#cluster.anyBroker((connection) =>
      initProducerIdV4.api.async(connection, null, 60_000),
    )
    this.producerId = Number(given.producerId)
    this.producerEpoch = given.producerEpoch
    this.generation++
  }
}
