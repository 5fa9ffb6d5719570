import type { ApplicationDefinition } from '@vesemir/contract'

/** The registered applications. */
export interface Applications {
  /** Registers an application, or replaces what was registered under its name. */
  put(definition: ApplicationDefinition): Promise<void>
  read(name: string): Promise<ApplicationDefinition | undefined>
  /** Lists all of them by name. */
  list(): Promise<ApplicationDefinition[]>
}
