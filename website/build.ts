import { buildSite } from './src/build-site.ts'

// `npm run docs:build`: the documentation site into website/dist.

const { folder, pages, warnings } = await buildSite()
for (const warning of warnings) process.stderr.write(`${warning}\n`)
process.stdout.write(`${pages} pages in ${folder}\n`)
