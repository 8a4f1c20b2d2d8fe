import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StatefunError } from '@statefun/protocol'
import { moveOnce } from '../fetch/move-once.ts'
import { pip, pythonVersion } from './pip.ts'
import type { PythonRequirement } from './python-packages.ts'

const run = promisify(execFile)

/** Reads members of a gzipped tar file into a folder under their last names: `tar` differs between systems. */
const EXTRACT = `
import shutil, sys, tarfile
archive, folder, *members = sys.argv[1:]
wanted = set(members)
with tarfile.open(archive, 'r|gz') as tar:
    for member in tar:
        if member.name in wanted:
            with open(folder + '/' + member.name.rsplit('/', 1)[-1], 'wb') as out:
                shutil.copyfileobj(tar.extractfile(member), out)
            wanted.discard(member.name)
        if not wanted:
            break
if wanted:
    sys.exit('not in the archive: ' + ', '.join(sorted(wanted)))
`

/** What to take out of a package's source archive, and where to. */
export interface SourceFilesOptions {
  readonly requirement: PythonRequirement
  /** Paths in the archive. */
  readonly members: readonly string[]
  /** The folder to make; when it is there it is taken for complete. */
  readonly place: string
  /** Default `python3`. */
  readonly python?: string
}

/**
 * Fetches the source archive of a package with pip, checked against its hash, and keeps some of its files. Two processes may
 * do this at the same time.
 *
 * @throws StatefunError `SF_GATE_NO_PYTHON`, `SF_GATE_PIP`, `SF_GATE_ARCHIVE` when a member is missing
 */
export async function sourceFiles({
  requirement,
  members,
  place,
  python = 'python3',
}: SourceFilesOptions): Promise<void> {
  if (existsSync(place)) return
  await pythonVersion(python)
  await mkdir(dirname(place), { recursive: true })
  const folder = await mkdtemp(join(dirname(place), 'fetching-'))
  try {
    const [downloads, files] = [join(folder, 'downloads'), join(folder, 'files')]
    await mkdir(downloads)
    await mkdir(files)
    await pip(python, ['download', '--no-binary=:all:', '--dest', downloads], [requirement], folder)
    const [archive = ''] = await readdir(downloads)
    await run(python, ['-c', EXTRACT, join(downloads, archive), files, ...members])
    await moveOnce(files, place)
  } catch (cause) {
    if (cause instanceof StatefunError) throw cause
    throw new StatefunError(
      'SF_GATE_ARCHIVE',
      `files cannot be taken out of the archive of ${requirement.requirement}`,
      { cause },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
