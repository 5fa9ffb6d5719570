import type { Client, DeploymentRequest } from '@vesemir/contract'
import type { z } from 'zod'
import { applyOverrides, needsDefinition, readOverrides, type OverrideOptions } from '../overrides.ts'

export interface RequestOptions extends OverrideOptions {
  environment: string
  version: string
  /** Only hosts that are behind. */
  only?: 'behind'
  /** Of the tasks, only those of a rollback run. */
  goesBack?: boolean
  reason?: string
  /** When the version was built. */
  builtAt?: string
  /** The commit that the version was built from. */
  revision?: string
  /** False with `--no-wait`. */
  wait?: boolean
  override?: boolean
  /** Accepts that less than half of a backend stays in service. */
  yes?: boolean
}

/** Makes a request of what was typed, with the rest of a part from the application's definition where only a field differs. */
export async function buildRequest(
  application: string,
  { options, client }: { options: RequestOptions; client: Pick<Client, 'getApplication'> },
): Promise<z.input<typeof DeploymentRequest>> {
  const { environment, version, only, goesBack, reason, builtAt, revision } = options
  const { wait = true, override = false, yes = false } = options
  const overrides = await readOverrides(options)
  const definition = needsDefinition(overrides) ? await client.getApplication(application) : undefined
  return {
    application,
    environment,
    version,
    ...(only === undefined ? {} : { only }),
    ...(goesBack ? { goesBack } : {}),
    ...(reason === undefined ? {} : { reason }),
    ...(builtAt === undefined ? {} : { builtAt }),
    ...(revision === undefined ? {} : { revision }),
    ...(wait ? {} : { wait }),
    ...(override ? { override } : {}),
    ...(yes ? { acceptLowCapacity: true } : {}),
    ...applyOverrides(overrides, { definition, environment }),
  }
}
