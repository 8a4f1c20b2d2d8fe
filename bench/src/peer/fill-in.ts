/**
 * A module.yaml with its placeholders `${NAME}` and `${NAME:-default}` replaced, for Flink, which knows none.
 *
 * @throws Error when a name has neither value nor default
 */
export function fillIn(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\{(\w+)(?::-([^}]*))?\}/g, (_, name: string, fallback: string | undefined) => {
    const value = values[name] ?? fallback
    if (value === undefined) throw new Error(`nothing is given for ${name}`)
    return value
  })
}
