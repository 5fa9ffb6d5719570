import type { Deployment, DeploymentSpec, DeploymentView, HostRecord, Plan } from '@vesemir/contract'
import type { VesemirError } from '../errors.ts'
import type { ApplicationEnvironment } from './application-environment.ts'

/** The records of deployments, each with its hosts. What happens to them is written by claims and commands alone. */
export interface Deployments {
  /**
   * Records a deployment as queued. Numbers count up.
   * @throws {VesemirError} `IDEMPOTENCY_KEY_REUSED`, `DEPLOYMENT_RUNS` where it is not to wait
   */
  create(order: DeploymentOrder): Promise<Created>
  read(id: string): Promise<Deployment | undefined>
  /** Reads the deployment that had the machines of an environment last. */
  readCurrent(place: ApplicationEnvironment): Promise<Deployment | undefined>
  readHost(id: string, host: string): Promise<HostRecord | undefined>
  /** Reads a deployment with its hosts and the number of its last event, all of one moment. */
  readView(id: string): Promise<DeploymentView | undefined>
  /** Reads the same as JSON in UTF-8, for those who only pass it on. */
  readViewJson(id: string): Promise<Uint8Array | undefined>
  /** Checks of an application's newest deployments that nothing which workers wrote of them is missing or changed. */
  verifyNewest(application: string, count: number): Promise<VerifiedDeployment[]>
  /** Returns how much memory of Redis the record, the events and the output of a deployment take, in bytes. */
  readBytes(id: string): Promise<number>
  /** Removes an ended deployment, unless something has happened to it since it was read. Returns whether it was removed. */
  remove(view: Pick<DeploymentView, 'deployment' | 'cursor'>): Promise<boolean>
  /** Returns why there is no deployment of this id: `DEPLOYMENT_REMOVED` when there was one, else `DEPLOYMENT_UNKNOWN`. */
  explainMissing(id: string): Promise<VesemirError>
}

/** A deployment that somebody asks for. */
export interface DeploymentOrder {
  spec: DeploymentSpec
  requestedBy: string
  /** The id of the request that asks for it. */
  request?: string | undefined
  /** The W3C trace context of what asks for it. */
  traceparent?: string | undefined
  /** The plan that it is to come to. */
  expectedPlan?: Plan | undefined
  /** Whether to queue behind another deployment of the application and environment, or be refused; true. */
  wait?: boolean
  /** The key that the caller chose for this request, and the hash of its content: a repetition finds the first. */
  idempotency?: { key: string; fingerprint: string } | undefined
}

/** The deployment that a request was for: a new one, as it was recorded, or the one that an earlier request has made. */
export type Created = { id: string; created: true; deployment: Deployment } | { id: string; created: false }

/** Whether the record of a deployment is whole; `problem` is `ORDER_NOT_SIGNED`, `ORDER_FORGED` or `RECORD_INVALID`. */
export interface VerifiedDeployment {
  id: string
  problem?: VesemirError
}
