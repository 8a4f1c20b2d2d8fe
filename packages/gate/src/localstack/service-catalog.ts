import { copyFile, mkdir, readdir, rename } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** The index that LocalStack makes of all services of AWS. */
export interface ServiceCatalog {
  /** Puts what an earlier LocalStack has made where this one looks for it. */
  place(): Promise<void>
  /** Keeps what this one has made; to be called when it has answered a call of a service. */
  keep(): Promise<void>
}

const NAME = /^service-catalog-.*\.pickle$/

/**
 * LocalStack reads the models of 400 services with its first call, two thirds of the CPU time of its start, and leaves an index
 * of them in its own folder: the first one makes it, all later ones with the same packages use it.
 *
 * @param cache where it stays between starts
 * @param packages folder of its Python packages: its name says which
 * @param root of this LocalStack's file system
 */
export function serviceCatalog(cache: string, packages: string, root: string): ServiceCatalog {
  const kept = join(cache, 'localstack', basename(packages))
  const own = join(root, 'var', 'lib', 'localstack', 'cache')
  return {
    async place() {
      const names = await catalogsIn(kept)
      if (names.length === 0) return
      await mkdir(own, { recursive: true })
      await Promise.all(names.map((name) => copyFile(join(kept, name), join(own, name))))
    },
    async keep() {
      const known = await catalogsIn(kept)
      const fresh = (await catalogsIn(own)).filter((name) => !known.includes(name))
      if (fresh.length === 0) return
      await mkdir(kept, { recursive: true })
      await Promise.all(fresh.map((name) => copyWhole(join(own, name), join(kept, name))))
    },
  }
}

async function catalogsIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).filter((name) => NAME.test(name))
  } catch {
    // There is no such folder yet.
    return []
  }
}

/** By a copy beside the place: whoever looks there meanwhile sees all of it or nothing. */
async function copyWhole(from: string, to: string): Promise<void> {
  const beside = `${to}.${process.pid}`
  await copyFile(from, beside)
  await rename(beside, to)
}
