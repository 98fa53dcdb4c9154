export {
  describeWithPostgres,
  describeWithServers,
  type PostgresSuite,
} from './describe-with-postgres.ts'
