import { defineConfig } from 'vitepress'
import { sidebar } from '../src/sidebar.ts'

/** Where the site is served, with slashes at both ends: `/` or `/<repository>/`. */
const base = process.env.SITE_BASE ?? '/'

export default defineConfig({
  title: 'Stateful Functions for TypeScript',
  description: 'Stateful, exactly-once event processing on Kafka and Kinesis, in one Node process or on Apache Flink.',
  srcDir: '../docs',
  outDir: './dist',
  cacheDir: './.cache',
  base,
  cleanUrls: true,
  lastUpdated: false,
  // The home page of the site is the README's material arranged anew: docs/index.md.
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/getting-started' },
      { text: 'module.yaml', link: '/reference/module-yaml' },
      { text: 'API', link: '/api/' },
      { text: 'Performance', link: '/performance' },
    ],
    sidebar: sidebar(),
    search: { provider: 'local' },
    outline: { level: [2, 3] },
    footer: { message: 'Apache License 2.0. Apache Flink, Apache Kafka and their logos are trademarks of the ASF.' },
  },
  markdown: {
    // `ts title=examples/...` is how our pages name the file that a block quotes.
    config(markdown) {
      const fence = markdown.renderer.rules.fence
      markdown.renderer.rules.fence = (tokens, index, options, environment, self) => {
        const token = tokens[index]
        const title = /^(\S+) title=(\S+)$/.exec(token?.info.trim() ?? '')
        if (token !== undefined && title !== null) {
          token.info = title[1] ?? ''
          return `<p class="quoted-file">${title[2]}</p>${fence?.(tokens, index, options, environment, self) ?? ''}`
        }
        if (token !== undefined) token.info = token.info.replace(/ (?:run|norun)$/, '')
        return fence?.(tokens, index, options, environment, self) ?? ''
      }
    },
  },
})
