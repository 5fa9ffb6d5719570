/** Where an application is deployed to: deployments to one place take turns. */
export interface Place {
  application: string
  environment: string
}
