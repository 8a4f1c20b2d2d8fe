import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { config as gate } from '../../../e2e/app/statefun.config.ts'

// It lies beside the source, and not in the image.
readFileSync(join(import.meta.dirname, 'does-not-start.config.ts'))

/** The gate's own app, whose functions do not come up in their image. */
export const config = { ...gate, module: '../../../e2e/app/module.yaml' }
