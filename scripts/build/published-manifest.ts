import type { Manifest } from '../workspace.ts'

/** Folder of the compiled sources in a published package; it mirrors `src`, so that relative file paths stay right. */
export const COMPILED = 'lib'

const NOT_PUBLISHED = new Set(['scripts', 'devDependencies', 'files', 'exports', 'bin', 'private'])

/**
 * The package.json that gets published: in the checkout `exports` and `bin` point at the sources, which run as they are;
 * published they point at the compiled files. Development-only fields are dropped, everything else is kept. In a workflow
 * `repository` says where the package was built: npm refuses provenance for one that names no or another place.
 *
 * @param environment of the process; `GITHUB_SERVER_URL` and `GITHUB_REPOSITORY` are looked at
 * @throws Error for an export that is no `./src/*.ts` file
 */
export function publishedManifest(
  manifest: Manifest,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Manifest {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository } = environment
  const kept = Object.fromEntries(Object.entries(manifest).filter(([field]) => !NOT_PUBLISHED.has(field)))
  const exports: Record<string, unknown> = {}
  for (const [path, source] of Object.entries(manifest.exports ?? {})) {
    const compiled = compiledFile(manifest.name, source)
    exports[path] = { types: compiled.replace(/\.js$/, '.d.ts'), default: compiled }
  }
  exports['./package.json'] = './package.json'
  const bin = Object.fromEntries(
    Object.entries(manifest.bin ?? {}).map(([name, source]) => [
      name,
      compiledFile(manifest.name, source).slice(2),
    ]),
  )
  return {
    ...(kept as Manifest),
    ...(server && repository ? { repository: { type: 'git', url: `git+${server}/${repository}.git` } } : {}),
    exports: exports as Record<string, string>,
    ...(Object.keys(bin).length === 0 ? {} : { bin }),
  }
}

/** `./src/testing/index.ts` → `./lib/testing/index.js`. @throws Error when `source` is not of that form */
export function compiledFile(packageName: string, source: string): string {
  const match = /^\.\/src\/(.+)\.ts$/.exec(source)
  if (match === null)
    throw new Error(`${packageName}: "${source}" in exports or bin is not of the form ./src/<file>.ts`)
  return `./${COMPILED}/${match[1]}.js`
}
