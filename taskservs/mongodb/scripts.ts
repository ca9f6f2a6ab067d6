/**
 * Constant scripts for mongosh. What they work on comes before them as one line of JSON, `told`, and all of it on the
 * standard input: passwords are no words of a command.
 */

/** Makes the administrator by the door that is open on loopback while there is no user, then the other users, with these passwords. */
export const MAKE_USERS = String.raw`
const open = new Mongo(told.server);
let admin = open.getDB('admin');
try {
  admin.createUser({ user: told.admin, pwd: told.password, roles: ['root'] });
} catch (error) {
  if (error.codeName !== 'Unauthorized' && error.code !== 51003) throw error;
}
admin.auth(told.admin, told.password);
for (const { name, password, database, role } of told.users) {
  const db = admin.getSiblingDB(database);
  const wanted = { pwd: password, roles: [{ role, db: database }] };
  if (db.getUser(name) === null) db.createUser({ user: name, ...wanted });
  else db.updateUser(name, wanted);
}
`;

/** Writes a document and reads it. */
export const PROBE = String.raw`
const admin = new Mongo(told.server).getDB('admin');
admin.auth(told.admin, told.password);
const probe = admin.getSiblingDB('provisioning').probe;
probe.replaceOne({ _id: 'probe' }, { _id: 'probe', said: 'hello' }, { upsert: true });
print(probe.findOne({ _id: 'probe' }).said);
`;
