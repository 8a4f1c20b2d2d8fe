import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderResult } from './render-result.ts'

/** Where results are kept, one file for each bench. */
export const RESULTS = join(import.meta.dirname, '../../results')

/** The page that shows them. */
export const PERFORMANCE_PAGE = join(import.meta.dirname, '../../../docs/performance.md')

/**
 * A page with every part between `<!-- results: <bench> -->` and `<!-- end of results -->` written anew from the bench's kept
 * result. What stands around such a part is the author's.
 *
 * @param results the folder of the kept results
 * @throws Error when a part names a bench without a kept result, or has no end
 */
export function fillPage(page: string, results: string = RESULTS): string {
  const begins = page.match(/<!-- results: /g)?.length ?? 0
  let filled = 0
  const text = page.replaceAll(
    /(<!-- results: ([\w-]+) -->\n)[\s\S]*?(<!-- end of results -->)/g,
    (_, begin: string, bench: string, end: string) => {
      filled++
      const file = join(results, `${bench}.json`)
      if (!existsSync(file)) {
        throw new Error(`there is no result of "${bench}"; there are: ${readdirSync(results).join(', ')}`)
      }
      return `${begin}\n${renderResult(JSON.parse(readFileSync(file, 'utf8')))}\n${end}`
    },
  )
  if (filled !== begins) throw new Error('a part with results has no end: <!-- end of results -->')
  return text
}

/** The page about the function image, with what its ways of being made came to. */
export const IMAGE_PAGE = join(import.meta.dirname, '../../../docs/function-image.md')

/** Brings the pages up to date with the kept results. */
export function updatePerformancePage(): void {
  for (const page of [PERFORMANCE_PAGE, IMAGE_PAGE]) writeFileSync(page, fillPage(readFileSync(page, 'utf8')))
}
