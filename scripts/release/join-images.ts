import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ARCHITECTURES, DIGEST_FOLDER, imageIndex } from './image-push.ts'
import { runPush } from './run-push.ts'

// `npm run release:join-images -- functions|engine`: the images that `release:push-image` pushed for each architecture become one under
// IMAGE with the tag VERSION (and `latest` when STABLE), signed without keys. Needs docker with buildx and cosign, and a login; for a
// workflow's step it gives out the digest.

const [name = ''] = process.argv.slice(2)
const digests = Object.fromEntries(
  ARCHITECTURES.map((architecture) => {
    const file = join(DIGEST_FOLDER, `${name}-${architecture}`)
    return [architecture, existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined]
  }),
)
await runPush(imageIndex(name, process.env, digests))
