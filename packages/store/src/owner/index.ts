export { createOwners, type OwnersOptions } from './redis/create-owners.ts'
