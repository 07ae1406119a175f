/* What an archive of evidence says to who finds it: see evidence_private.h. */
#include "live/evidence_private.h"

static void of_alert(struct evidence *e)
{
	buf_printf(
		evidence_file(e, EVIDENCE_README),
		"Alerte n\xc2\xb0 %lld, telle qu’Égide l’a enregistrée.\n"
		"\n"
		"Vérifier : egidectl verify-export CETTE-ARCHIVE.tar [key=CLÉ]\n"
		"Il ne faut ni serveur, ni clé secrète, ni réseau. CLÉ est la clé publique de "
		"l’administration, à tenir\n"
		"d’elle par un autre chemin (« egidectl keys public » la donne) : sans elle, on "
		"sait que rien n’a été\n"
		"changé depuis la signature, mais non qui a signé.\n"
		"\n"
		"manifest.json         chaque fichier, sa taille, son empreinte SHA-256\n"
		"manifest.note         la signature de cette liste (Ed25519, format C2SP "
		"signed-note)\n"
		"journal.jsonl         chaque ligne du journal sur cette alerte, avec son chemin "
		"dans l’arbre (RFC 9162)\n"
		"checkpoint.note       la racine signée de l’arbre du journal entier\n"
		"alert.json            la même alerte, avec les noms, pour être lue\n"
		"sound/*.pages         les pages du son telles qu’elles sont arrivées : la preuve\n"
		"sound/audio.ogg       le même son, à écouter ; sound/recording.json dit ce qui "
		"manque\n"
		"clips/*.amr           les messages vocaux de la montre\n"
		"timestamp.tsr         l’horodatage de manifest.note par un tiers (RFC 3161), s’il "
		"y en "
		"a un\n"
		"\n"
		"Le format est décrit octet par octet dans docs/protocol/evidence.md, pour qui "
		"veut vérifier sans nous.\n"
		"Ces données sont personnelles : les conserver, les transmettre et les écouter "
		"demandent une base légale.\n",
		(long long)e->alert.ref);
}

static void of_lines(struct evidence *e)
{
	buf_printf(
		evidence_file(e, EVIDENCE_README),
		"%zu lignes du journal d’Égide : qui a fait ou lu quoi, et quand.\n"
		"\n"
		"Vérifier : egidectl verify-export CETTE-ARCHIVE.tar [key=CLÉ]\n"
		"Il ne faut ni serveur, ni clé secrète, ni réseau. CLÉ est la clé publique de "
		"l’administration, à tenir\n"
		"d’elle par un autre chemin (« egidectl keys public » la donne).\n"
		"\n"
		"manifest.json         ce qui a été demandé et pourquoi ; chaque fichier, sa "
		"taille, son empreinte SHA-256\n"
		"manifest.note         la signature de cette liste (Ed25519, format C2SP "
		"signed-note)\n"
		"journal.jsonl         chaque ligne, avec son chemin dans l’arbre (RFC 9162)\n"
		"checkpoint.note       la racine signée de l’arbre du journal entier\n"
		"lines.json            les mêmes lignes, avec les noms des comptes, pour être "
		"lues\n"
		"timestamp.tsr         l’horodatage de manifest.note par un tiers (RFC 3161), s’il "
		"y en a un\n"
		"\n"
		"Ce qui a été dit ou écrit n’y est pas : l’empreinte de chaque texte en tient "
		"lieu.\n"
		"Que rien ne manque de ce qui a été demandé, la signature l’affirme ; l’arbre "
		"prouve les lignes données.\n"
		"Le format est décrit octet par octet dans docs/protocol/evidence.md, pour qui "
		"veut vérifier sans nous.\n",
		e->line_count);
}

void evidence_add_readme(struct evidence *e)
{
	if (e->order->lines)
		of_lines(e);
	else
		of_alert(e);
}
