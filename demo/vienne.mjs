// The demonstration département: real communes of Vienne, everything else made up. Telephone numbers are of the
// range kept for fiction (ARCEP, decision 2018-0881: 06 39 98 00 00 to 06 39 98 99 99).
import {readFileSync} from 'node:fs';

const communes = new Map(JSON.parse(readFileSync(new URL('../data/communes-86.json', import.meta.url)))
	.map((commune) => [commune.name, commune]));

const phone = (n) => `+336399800${String(n).padStart(2, '0')}`;

export const rooms = [
	{name: 'CORG de la Vienne', phone: phone(1), duty_phone: phone(2)},
	{name: 'CIC de Poitiers', phone: phone(3), duty_phone: phone(4)},
	{name: 'CORG des Deux-Sèvres', phone: phone(5), duty_phone: phone(6)},
	{name: 'Centre de zone Sud-Ouest', phone: phone(7), duty_phone: phone(8)},
];

// Whom each room's ladder calls.
export const ladder = {
	'CORG de la Vienne': {neighbour: 'CIC de Poitiers', second: 'CORG des Deux-Sèvres', zone: 'Centre de zone Sud-Ouest'},
	'CIC de Poitiers': {neighbour: 'CORG de la Vienne', second: 'CORG des Deux-Sèvres', zone: 'Centre de zone Sud-Ouest'},
};

const gendarmerie = ['Chauvigny', 'Montmorillon', 'Loudun', 'Civray', 'Lusignan', 'Vouillé', 'Saint-Georges-lès-Baillargeaux',
	'Mirebeau', 'Gençay', 'Lussac-les-Châteaux'];
export const units = [
	...gendarmerie.map((name, i) => ({name: `Brigade de ${name}`, kind: 'brigade', room: 'CORG de la Vienne',
		phone: phone(20 + i), at: name})),
	{name: 'Patrouille PSIG de Poitiers', kind: 'patrol', room: 'CORG de la Vienne', phone: phone(40), at: 'Poitiers'},
	{name: 'Commissariat de Poitiers', kind: 'commissariat', room: 'CIC de Poitiers', phone: phone(41), at: 'Poitiers'},
	{name: 'Commissariat de Châtellerault', kind: 'commissariat', room: 'CIC de Poitiers', phone: phone(42), at: 'Châtellerault'},
];

// The same units as the official files say them, and for each commune the nearest: what a real administration imports.
const apart = (a, b) => Math.hypot(a.lat - b.lat, (a.lon - b.lon) * Math.cos(a.lat * Math.PI / 180));
const imported = units.filter(({kind}) => kind !== 'patrol').map((unit, i) => ({...unit, id: `DEMO-${i + 1}`, seat: communes.get(unit.at),
	referent: `${['Alix', 'Noé', 'Zoé', 'Gaël', 'Inès', 'Théo'][i % 6]} ${['Mésange', 'Loriot', 'Pinson', 'Sittelle'][i % 4]} (fictif)`}));
const nearest = (commune) => {
	const towns = imported.filter(({kind, seat}) => kind === 'commissariat' && seat === commune);
	const brigades = imported.filter(({kind}) => kind === 'brigade');
	return towns[0] ?? brigades.reduce((best, unit) => apart(commune, unit.seat) < apart(commune, best.seat) ? unit : best);
};
const table = (header, rows) => [header, ...rows.map((row) => row.join(';'))].join('\n') + '\n';
const unitRows = (kind) => table('identifiant_public_unite;service;telephone;code_commune_insee;geocodage_x_GPS;geocodage_y_GPS',
	imported.filter((unit) => unit.kind === kind).map(({id, name, phone, seat}) => [id, name, phone, seat.code, seat.lon, seat.lat]));
const stationId = (name) => `${name.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase().replace(/[^a-z0-9]+/g, '-')}@86`;
const publicId = ({kind, id, name}) => kind === 'brigade' ? id : stationId(name);
const institution = ({kind}) => kind === 'brigade' ? 'GN' : 'PN';
export const territory = {
	gendarmerie: unitRows('brigade'),
	police: unitRows('commissariat'),
	competence: table('code_commune;institution;id_service;service',
		[...communes.values()].map((commune) => [commune.code, institution(nearest(commune)), publicId(nearest(commune)), nearest(commune).name])),
	referents: table('identifiant_public_unite;institution;nom;telephone',
		imported.map((unit, i) => [publicId(unit), institution(unit), unit.referent, phone(70 + i)])),
};

const people = [
	['Camille Exemple', 'maire', 'Chauvigny', 'Brigade de Chauvigny', 'Portail bleu, sonner deux fois ; le chien est doux.'],
	['Dominique Modèle', 'maire', 'Lusignan', 'Brigade de Lusignan', 'Entrée par la cour, derrière la grange.'],
	['Claude Témoin', 'adjointe au maire', 'Loudun', 'Brigade de Loudun', 'Digicode à demander à la mairie.'],
	['Sacha Maquette', 'conseiller départemental', 'Gençay', 'Brigade de Gençay', 'Deuxième étage, porte de gauche.'],
	['Andréa Spécimen', 'maire', 'Poitiers', 'Commissariat de Poitiers', 'Accès par le parking souterrain.'],
	['Maxime Essai', 'maire', 'Civray', 'Brigade de Civray', 'Chemin de terre après le pont.'],
];
// Beside their town: a second mandate for some, and where else they may be.
const otherMandates = {'Camille Exemple': 'Conseillère départementale de la Vienne', 'Andréa Spécimen': 'Vice-présidente du Grand Poitiers\nConseillère régionale de Nouvelle-Aquitaine'};
const otherPlaces = (i, commune, postcode) => ({
	places: [`Place de la Mairie, ${postcode} ${commune}`, ...i % 2 ? [] : [`${20 + i} quai de la Démonstration, 86000 Poitiers`]].join('\n'),
	place_kinds: i % 2 ? 'town_hall' : 'town_hall,duty',
	place_access: 'Porte de service à gauche ; gardien jusqu’à 20 h.',
});

// How threatened each is, and why protection was asked for: what an operator reads beside the name.
const threats = [
	[2, 'Lettres anonymes après la fermeture d’une école.'],
	[3, 'Menaces de mort après le refus d’un permis de construire ; boîte aux lettres incendiée.'],
	[1, 'Insultes répétées aux permanences.'],
	[2, 'Pneus crevés devant le domicile ; plainte déposée.'],
	[4, 'Menaces visant le domicile et les enfants ; une personne mise en examen.'],
	[1, 'Appels malveillants la nuit.'],
];

export const officials = people.map(([name, mandate, commune, unit, access], i) => ({
	name, mandate, commune, unit, access,
	commune_code: communes.get(commune).code,
	phone: phone(50 + i),
	address: `${3 + 4 * i} rue de la Démonstration, ${communes.get(commune).postcodes[0]} ${commune}`,
	household: 1 + i % 4,
	level: threats[i][0],
	reason: threats[i][1],
	remarks: i % 2 ? 'Un chien dans la cour ; ne pas sonner la nuit.' : 'Interphone en panne : appeler avant d’entrer.',
	...otherPlaces(i, commune, communes.get(commune).postcodes[0]),
	...otherMandates[name] && {other_mandates: otherMandates[name]},
	contacts: [
		{name: `${name.split(' ')[0]} Proche`, relation: 'conjoint', phone: phone(60 + 2 * i)},
		{name: `${name.split(' ')[0]} Voisin`, relation: 'voisin', phone: phone(61 + 2 * i)},
	],
	watch: String(8690000001 + i),
	at: communes.get(commune),
}));

export const accounts = [
	{login: 'corg1', name: 'Opératrice Un', roles: 'operator', room: 'CORG de la Vienne'},
	{login: 'corg2', name: 'Opérateur Deux', roles: 'operator', room: 'CORG de la Vienne'},
	{login: 'chef', name: 'Cheffe de salle', roles: 'operator,supervisor', room: 'CORG de la Vienne'},
	{login: 'cic1', name: 'Opérateur du CIC', roles: 'operator', room: 'CIC de Poitiers'},
	{login: 'guichet', name: 'Gendarme au guichet', roles: 'counter'},
	{login: 'dpo', name: 'Déléguée à la protection des données', roles: 'auditor'},
];

export const place = (commune) => communes.get(commune);
