import type { MarkdownOptions } from 'vitepress'

type Markdown = Parameters<NonNullable<MarkdownOptions['config']>>[0]

/** Shows above a block the file that it quotes (` ```ts title=examples/… `), and hides what only tests read (` ```sh run `). */
export function quotedBlocks(markdown: Markdown): void {
  const fence = markdown.renderer.rules.fence
  markdown.renderer.rules.fence = (tokens, index, options, environment, self) => {
    const token = tokens[index]
    const render = () => fence?.(tokens, index, options, environment, self) ?? ''
    if (token === undefined) return render()
    const [language = '', ...rest] = token.info.trim().split(/\s+/)
    const file = rest.map((word) => /^title=(.+)$/.exec(word)?.[1]).find((name) => name !== undefined)
    token.info = language
    return file === undefined
      ? render()
      : `<p class="quoted-file">${markdown.utils.escapeHtml(file)}</p>${render()}`
  }
}
