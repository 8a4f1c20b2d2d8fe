import { existsSync, globSync, readFileSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'

/**
 * Links of a built site that lead nowhere: to a page or file that is not there, or to an anchor that its page does not have.
 * Links to other hosts are not followed.
 *
 * @param dist folder of the site, built for the base `/`
 */
export function brokenLinks(dist: string): readonly string[] {
  const anchors = new Map<string, ReadonlySet<string>>()
  const pages = globSync('**/*.html', { cwd: dist }).map((file) => file.replaceAll('\\', '/'))
  for (const page of pages) anchors.set(page, anchorsOf(readFileSync(join(dist, page), 'utf8')))
  return pages.flatMap((page) =>
    linksOf(readFileSync(join(dist, page), 'utf8')).flatMap((href) => {
      const [path = '', anchor] = href.split('#')
      const file = fileOf(dist, page, path)
      if (file === undefined) return [`${page}: ${href} leads to no page`]
      if (anchor === undefined || anchor === '' || !file.endsWith('.html')) return []
      return anchors.get(file)?.has(decodeURIComponent(anchor)) === true
        ? []
        : [`${page}: ${href} has no such anchor`]
    }),
  )
}

function linksOf(html: string): readonly string[] {
  const body = html.slice(Math.max(0, html.indexOf('<main')))
  const links = Array.from(body.matchAll(/<a [^>]*?href="([^"]+)"/g), ([, href = '']) => href)
  return [...new Set(links)]
    .map((href) => href.replaceAll('&amp;', '&'))
    .filter((href) => !/^[a-z]+:/i.test(href))
}

function anchorsOf(html: string): ReadonlySet<string> {
  return new Set(Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id = '']) => id))
}

function fileOf(dist: string, page: string, path: string): string | undefined {
  const target =
    path === '' ? page : posix.join(path.startsWith('/') ? '' : posix.dirname(page), path.replace(/^\//, ''))
  const candidates = [target, `${target}.html`, posix.join(target, 'index.html')]
  return candidates.find((file) => existsSync(join(dist, file)) && statSync(join(dist, file)).isFile())
}
