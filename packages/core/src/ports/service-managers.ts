import type { Service } from '@vesemir/contract'
import type { OnLine, RemoteSession } from './remote-shell.ts'

/** Returns what manages an application's service on its hosts. */
export type ServiceManagers = (service: Service) => ServiceManager

/** The kind of a service, as in `service.kind`; one without is a `command`. */
export type ServiceKind = NonNullable<Service['kind']>

/** The service that people write for a kind. */
export type ServiceOf<Kind extends ServiceKind> = Extract<Service, { kind?: Kind | undefined }>

/** Restarts services of one kind, and knows what became of them. */
export interface ServiceManager<Managed extends Service = Service> {
  /**
   * Makes sure that the host lets the service be restarted, and changes nothing. The service need not be there yet.
   * @throws {VesemirError} `HOST_TOOL_MISSING`, `SERVICE_FAILED`, `SUDO_REFUSED`, and as `RemoteSession.run`
   */
  prove(service: Managed, context: Pick<ServiceContext, 'session' | 'signal'>): Promise<void>
  /**
   * Restarts the service, and ends when its manager says that it runs, at the latest after the service's `timeout`. Returns how
   * it runs, in words; nothing where no manager says so.
   * @throws {VesemirError} `SERVICE_FAILED` by a manager, and as `RemoteSession.run`
   */
  restart(service: Managed, context: ServiceContext): Promise<string | undefined>
  /**
   * Passes the state of the service, and the last lines of its own log, to `onLine`; nothing where no manager keeps one.
   * Throws as `RemoteSession.run`.
   */
  tailLog(service: Managed, context: ServiceContext): Promise<void>
}

export interface ServiceContext {
  session: RemoteSession
  /** VESEMIR_* variables of the deployment and host. */
  env: Readonly<Record<string, string>>
  /** The service's own variables, which may be secret. */
  secretEnv?: Readonly<Record<string, string>> | undefined
  onLine: OnLine
  signal: AbortSignal
}
