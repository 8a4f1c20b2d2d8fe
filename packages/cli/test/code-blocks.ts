/** A fenced code block of a Markdown file. */
export interface CodeBlock {
  readonly language: string
  /** What follows the language: `run`, or `title=<file>` for a block that is a part of that file. */
  readonly info: string
  readonly text: string
  /** 1-based line of the opening fence. */
  readonly line: number
}

/** The fenced code blocks of a text, in order. */
export function codeBlocks(markdown: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  let open: { language: string; info: string; line: number; lines: string[] } | undefined
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^```(\S*) *(.*)$/.exec(line)
    if (fence === null) {
      open?.lines.push(line)
    } else if (open === undefined) {
      open = { language: fence[1] ?? '', info: fence[2] ?? '', line: index + 1, lines: [] }
    } else {
      const { lines, ...block } = open
      blocks.push({ ...block, text: lines.join('\n') })
      open = undefined
    }
  }
  return blocks
}

/** The commands of a shell block: without comments, leading variables and `npx`. */
export function shellCommands(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line) => line.replace(/ +#.*$/, '').split(' && '))
    .map((line) =>
      line
        .trim()
        .replace(/^(?:[A-Z_]+=\S+ )+/, '')
        .replace(/^npx /, ''),
    )
    .filter((line) => line !== '')
}

/** The words of a simple shell command: blanks separate, single quotes hold together. */
export function shellWords(command: string): string[] {
  return Array.from(command.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain ?? '')
}
