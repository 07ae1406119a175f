/* Where somebody may be: their home and their other addresses, how to get in under each. */
import type { ProtectedPerson } from './api';
import { messages } from './messages';

const t = messages.addresses;

type AddressProps = { kind: string; address: string | null; access: string | null };

const Address = ({ kind, address, access }: AddressProps) => (
  <div>
    <dt>{kind}</dt>
    <dd>
      {address ?? <span class="muted">{messages.notGiven}</span>}
      {access && <p class="entry">{messages.format.colon(t.access, access)}</p>}
    </dd>
  </div>
);

export const HomeAddress = ({ address, access }: Pick<ProtectedPerson, 'address' | 'access'>) => (
  <dl class="facts">
    <Address kind={t.home} address={address} access={access} />
  </dl>
);

export const OtherAddresses = ({ places }: Pick<ProtectedPerson, 'places'>) => (
  <dl class="facts">
    {places.map(({ kind, address, access }) => (
      <Address key={`${kind} ${address}`} kind={messages.registration.places.kinds[kind]} address={address} access={access} />
    ))}
  </dl>
);
