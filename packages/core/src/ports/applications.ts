import type { ApplicationDefinition } from '@vesemir/contract'
import type { VesemirError } from '../errors.ts'

/** The registered applications. */
export interface Applications {
  /** Registers an application, or replaces what was registered under its name. */
  put(definition: ApplicationDefinition): Promise<void>
  /** @throws {VesemirError} `ORDER_NOT_SIGNED`, `ORDER_FORGED` where it is not what was registered last, `RECORD_INVALID` */
  read(name: string): Promise<ApplicationDefinition | undefined>
  /** Lists all of them by name. */
  list(): Promise<ApplicationDefinition[]>
  /** Returns why applications are missing from the list: `ORDER_NOT_SIGNED`, `ORDER_FORGED` or `RECORD_INVALID`. */
  findProblems(): Promise<VesemirError[]>
}
