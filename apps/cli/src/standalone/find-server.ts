import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { VesemirError } from '@vesemir/core'

/** The programs that Vesemir's server side consists of. */
export interface Server {
  api: string
  worker: string
  /** The folder of the web page, where the API does not find it by itself. */
  page?: string
}

/**
 * Finds the API and the worker: in the workspace that this file is part of, else in the npm package `vesemir-server` beside
 * this one. The command line has none of their code, and stays small for all who only deploy.
 * @throws {VesemirError} `STANDALONE_FAILED` when they are not installed
 */
export function findServer(): Server {
  const apps = join(import.meta.dirname, '../../..')
  const workspace = { api: join(apps, 'api/src/main.ts'), worker: join(apps, 'worker/src/main.ts') }
  if (existsSync(workspace.api) && existsSync(workspace.worker)) return workspace
  const folder = findPackage()
  const page = join(folder, 'page')
  return {
    api: join(folder, 'api.mjs'),
    worker: join(folder, 'worker.mjs'),
    ...(existsSync(page) ? { page } : {}),
  }
}

function findPackage(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('vesemir-server/package.json'))
  } catch (cause) {
    throw new VesemirError(
      'STANDALONE_FAILED',
      'vesemir-server is not installed. Install it: npm install -g vesemir-server',
      {
        cause,
      },
    )
  }
}
