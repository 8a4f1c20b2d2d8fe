import type { Cluster, KubeOptions } from '@statefun/flink'

/** A stream that is written to: standard output, or a buffer in a test. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** What a command knows of the world around it. */
export interface Io {
  readonly stdout: TextStream
  readonly stderr: TextStream
  readonly stdin: AsyncIterable<Uint8Array>
  readonly cwd: string
  /** Path of the `statefun` command itself, for processes of its own. */
  readonly program: string
  /** Aborted by the first SIGINT or SIGTERM: stop in order. */
  readonly signal: AbortSignal
  /** Opens the cluster that `deploy` talks to; by default the one that kubectl would. */
  readonly openCluster?: (options: KubeOptions) => Promise<Cluster>
}
