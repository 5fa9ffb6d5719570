/** Where an application is deployed to: deployments to the same one take turns. */
export interface ApplicationEnvironment {
  application: string
  environment: string
}
