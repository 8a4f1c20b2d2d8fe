import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DIGEST_FOLDER, imagePush } from './image-push.ts'
import { runPush } from './run-push.ts'

// `npm run release:push-image -- functions|engine`: what `release:images` built on this machine goes to the registry under IMAGE with
// the tag VERSION-ARCHITECTURE, is signed without keys, and gets its bill of materials attached. Needs docker, cosign and syft, and a
// login. The digest is left in a file for `release:join-images`, and given out for a workflow's step.

const [name = ''] = process.argv.slice(2)
const digest = await runPush(imagePush(name, process.env))
mkdirSync(DIGEST_FOLDER, { recursive: true })
writeFileSync(join(DIGEST_FOLDER, `${name}-${process.env.ARCHITECTURE}`), digest)
