import type { ApplicationDefinition, Principal } from '@vesemir/contract'
import type { VesemirError } from '../errors.ts'
import type { ApplicationEnvironment } from './application-environment.ts'

/** The schedule of an environment, in the name of who registered the application last; undefined where that is not known. */
export interface PlaceSchedule extends ApplicationEnvironment {
  every: string
  by: Principal | undefined
}

/** The registered applications. */
export interface Applications {
  /** Registers an application, or replaces what was registered under its name. Who did is kept where it has a schedule. */
  put(definition: ApplicationDefinition, by?: Principal): Promise<void>
  /** @throws {VesemirError} `ORDER_NOT_SIGNED`, `ORDER_FORGED` where it is not what was registered last, `RECORD_INVALID` */
  read(name: string): Promise<ApplicationDefinition | undefined>
  /** Lists all of them by name. */
  list(): Promise<ApplicationDefinition[]>
  /** Lists the schedules of all of them. */
  listSchedules(): Promise<PlaceSchedule[]>
  /** Returns why applications are missing from the list: `ORDER_NOT_SIGNED`, `ORDER_FORGED` or `RECORD_INVALID`. */
  findProblems(): Promise<VesemirError[]>
}
