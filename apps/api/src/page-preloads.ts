import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeploymentId } from '@vesemir/contract'

/** What Vite writes of its output. https://vite.dev/guide/backend-integration */
type Manifest = Partial<Record<string, { file: string; imports?: string[] }>>

const deploymentPage = 'src/pages/deployment-page.tsx'

/**
 * Reads which files the page consists of. Returns what names, for an address of the page, the files and answers that it begins with, as a
 * `Link` header: the browser asks for them while it still loads the page's script.
 */
export async function readPreloads(pageFolder: string): Promise<(url: string) => string> {
  const manifest = await readManifest(pageFolder)
  const modules = [...new Set(filesOf(deploymentPage, manifest))].map((file) => `</${file}>; rel=modulepreload`)
  return (url) => {
    const id = /^\/deployments\/([^/?]+)(?:\?|$)/.exec(url)?.[1]
    if (id === undefined || !DeploymentId.safeParse(id).success) return answerOf('/v1/session')
    return [answerOf('/v1/session'), answerOf(`/v1/deployments/${id}`), ...modules].join(', ')
  }
}

/** A preload is taken only for a request of the same mode: `crossorigin` is that of `fetch`. */
function answerOf(path: string): string {
  return `<${path}>; rel=preload; as=fetch; crossorigin`
}

function filesOf(source: string, manifest: Manifest): string[] {
  const { file, imports = [] } = manifest[source] ?? {}
  return file === undefined ? [] : [file, ...imports.flatMap((imported) => filesOf(imported, manifest))]
}

/** A folder that somebody else has built may have none. */
async function readManifest(pageFolder: string): Promise<Manifest> {
  try {
    return JSON.parse(await readFile(join(pageFolder, 'files.json'), 'utf8')) as Manifest
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw error
  }
}
