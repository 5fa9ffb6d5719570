import { ApplicationDefinition } from '@vesemir/contract'
import { toJsonSchema, type JsonSchema } from '@vesemir/process/settings'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../../..')

type Schema = Parameters<typeof toJsonSchema>[0]

/** Returns the JSON Schema of each file that people write, by its name. */
export async function settingsSchemas(): Promise<Record<'api' | 'worker' | 'cli' | 'application', JsonSchema>> {
  const api = await loadFrom<{ ApiConfig: Schema }>('apps/api/src/config.ts')
  const worker = await loadFrom<{ WorkerConfig: Schema }>('apps/worker/src/config.ts')
  const cli = await loadFrom<{ ConfigFile: Schema }>('apps/cli/src/config-file.ts')
  return {
    api: toJsonSchema(api.ApiConfig, { title: 'Settings of the Vesemir API' }),
    worker: toJsonSchema(worker.WorkerConfig, { title: 'Settings of a Vesemir worker' }),
    cli: toJsonSchema(cli.ConfigFile, { title: 'Settings of the vesemir command' }),
    application: toJsonSchema(ApplicationDefinition, { title: 'An application of Vesemir' }),
  }
}

/** Loads a module of an app: no package that others import, it is reached by its path. */
export async function loadFrom<Module>(path: string): Promise<Module> {
  return (await import(join(root, path))) as Module
}
