import { isTypename } from '../readers/scalars.ts'

/** Flink's text for a kind or transport that it does not know (contract 4.1). */
export function extensionMissing(shown: string): string | undefined {
  if (!isTypename(shown)) return undefined
  const [namespace, name] = shown.split('/')
  return `An extension with type TypeName(${namespace}, ${name}) does not exist.`
}
