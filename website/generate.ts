import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { moduleJsonSchema } from '@statefun/engine'
import { moduleReference } from './src/module-reference.ts'

// `npm run docs:generate`: writes what is kept in the repository and made from the code: the reference page of module.yaml
// and its JSON Schema. Tests hold both to the code.

const ROOT = join(import.meta.dirname, '..')
mkdirSync(join(ROOT, 'docs', 'reference'), { recursive: true })
writeFileSync(join(ROOT, 'docs', 'reference', 'module-yaml.md'), moduleReference())
const schema = `${JSON.stringify(moduleJsonSchema(), undefined, 2)}\n`
writeFileSync(join(ROOT, 'packages', 'engine', 'module.schema.json'), schema)
process.stdout.write('docs/reference/module-yaml.md\npackages/engine/module.schema.json\n')
