import type { Deployment } from '@vesemir/contract'

/** Tells a deployment from any other, also from one whose number was taken again after it. */
export type Identity = Pick<Deployment, 'id' | 'createdAt'>

/** Names what each sealed text is for: what was written for one holds for no other. */
export const sealContexts = {
  applications: 'the list of applications',
  application: (name: string) => `application ${name}`,
  plan: (id: string) => `plan ${id}`,
  order: (id: string) => `the order of ${id}`,
  deployment: (id: string) => `the record of ${id}`,
  /** Commands are counted, from 0. */
  command: ({ id, createdAt }: Identity, index: number) => `command ${index + 1} to ${id} of ${createdAt}`,
  host: ({ id, createdAt }: Identity, host: string) => `the record of ${host} in ${id} of ${createdAt}`,
  /** A scope is a host's name, or '' for the deployment itself. */
  event: ({ id, createdAt }: Identity, scope: string) =>
    `an event of ${scope || 'the deployment'} in ${id} of ${createdAt}`,
}
