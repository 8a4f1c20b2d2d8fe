const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** The number that a quantity of Kubernetes stands for: cores, or bytes; undefined when it is none or negative. */
export function quantityValue(quantity: unknown): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(String(quantity))
  const factor = SUFFIXES[match?.[2] ?? '?']
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor
}

/** Mebibytes of a memory size as Flink writes it (`2048m`, `2g`, `1073741824`); undefined when it is none. */
export function flinkMegabytes(size: string): number | undefined {
  const match = /^(\d+) ?([kmg]?)b?$/i.exec(size)
  if (match === null) return undefined
  const factor = { '': 2 ** -20, k: 2 ** -10, m: 1, g: 2 ** 10 }[match[2]!.toLowerCase()] ?? 1
  return Number(match[1]) * factor
}
