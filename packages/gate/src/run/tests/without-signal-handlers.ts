const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Takes away the handlers of signals that `work` adds: Vitest's would end this process at once, with the parts of the run
 * left to their watchdogs and no report. Ours ends everything in order.
 */
export async function withoutSignalHandlers<Made>(work: () => Promise<Made>): Promise<Made> {
  const before = SIGNALS.map((signal) => [signal, process.listeners(signal)] as const)
  const made = await work()
  for (const [signal, known] of before) {
    for (const listener of process.listeners(signal)) {
      if (!known.includes(listener)) process.removeListener(signal, listener)
    }
  }
  return made
}
