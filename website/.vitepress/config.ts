import { defineConfig } from 'vitepress'
import { quotedBlocks } from '../src/quoted-blocks.ts'
import { repositoryLinks } from '../src/repository-links.ts'
import { sidebar } from '../src/sidebar.ts'

export default defineConfig({
  title: 'Stateful Functions',
  description:
    'Stateful, exactly-once event processing on Kafka and Kinesis, in one Node process or on Apache Flink.',
  srcDir: '../docs',
  outDir: './dist',
  cacheDir: './.cache',
  // `/` or `/<repository>/`, with slashes at both ends.
  base: process.env.SITE_BASE ?? '/',
  cleanUrls: true,
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
    footer: {
      message:
        'Apache License 2.0. Apache, Apache Flink and Apache Kafka are trademarks of the Apache Software Foundation.',
    },
  },
  markdown: {
    config(markdown) {
      quotedBlocks(markdown)
      repositoryLinks(markdown)
    },
  },
})
