import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Formats a broker's data folder: the one file that `kafka-storage format` writes and a broker looks for. Without the
 * other one, `bootstrap.checkpoint`, a first start takes the release's newest metadata version, which is what the tool
 * would put there; and it saves the second or more that the tool's own JVM needs.
 */
export function formatStorage(dataDir: string, nodeId = 1): void {
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(
    join(dataDir, 'meta.properties'),
    `version=1\ncluster.id=${kafkaUuid()}\nnode.id=${nodeId}\ndirectory.id=${kafkaUuid()}\n`,
  )
}

/** 16 random bytes in base64url; Kafka's tools avoid a leading `-`, which looks like an option. */
function kafkaUuid(): string {
  const text = randomBytes(16).toString('base64url')
  return text.startsWith('-') ? kafkaUuid() : text
}
