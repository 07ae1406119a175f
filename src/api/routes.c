/* The route table: adding a route is a row here and a function. The description is made of it. */
#include "api/api_private.h"

#define ALERT "/api/alerts/{id}"

const struct route routes[] = {
	{HTTP_POST, "/api/session", WHO_ANYONE, NULL, NULL, open_session, 200, "Ouvrir une session", "Login", "Session", NULL},
	{HTTP_GET, "/api/session", WHO_ACCOUNT, reader_session_json, NULL, NULL, 200, "La session en cours", NULL, "Session", NULL},
	{HTTP_DELETE, "/api/session", WHO_ACCOUNT, NULL, NULL, close_session, 204, "Se déconnecter", NULL, NULL, NULL},
	{HTTP_DELETE, "/api/sessions", WHO_ACCOUNT, NULL, NULL, close_sessions, 204, "Se déconnecter partout", NULL, NULL, NULL},
	{HTTP_GET, "/api/configuration", WHO_ANYONE, NULL, NULL, show_configuration, 200, "Réglages des pages", NULL, "Configuration", NULL},
	{HTTP_GET, "/api/alerts", WHO_ACCOUNT, reader_alerts, NULL, NULL, 200, "Les alertes que voit la salle", NULL, "AlertList", "state limit before"},
	{HTTP_GET, ALERT, WHO_ACCOUNT, reader_alert, NULL, NULL, 200, "Une alerte entière", NULL, "Detail", NULL},
	{HTTP_GET, ALERT "/trail", WHO_ACCOUNT, reader_trail, NULL, NULL, 200, "Les positions d'une alerte", NULL, "Trail", "after"},
	{HTTP_POST, ALERT "/claim", WHO_ACCOUNT, NULL, claim_command, NULL, 200, "Prendre en charge", "Empty", "Card", NULL},
	{HTTP_POST, ALERT "/take-over", WHO_ACCOUNT, NULL, take_over_command, NULL, 200, "Reprendre à un collègue", "TakeOver", "Card", NULL},
	{HTTP_POST, ALERT "/dispatches", WHO_ACCOUNT, NULL, dispatch_command, NULL, 201, "Envoyer une unité", "DispatchOrder", "Card", NULL},
	{HTTP_POST, ALERT "/dispatches/{dispatch}/cancel", WHO_ACCOUNT, NULL, cancel_dispatch_command, NULL, 200, "Annuler un envoi", "Empty", "Card", NULL},
	{HTTP_POST, ALERT "/notes", WHO_ACCOUNT, NULL, note_command, NULL, 201, "Noter", "Note", "Card", NULL},
	{HTTP_POST, ALERT "/close", WHO_ACCOUNT, NULL, close_command, NULL, 200, "Clore", "Closing", "Card", NULL},
	{HTTP_POST, ALERT "/reopen", WHO_ACCOUNT, NULL, reopen_command, NULL, 200, "Rouvrir", "Reopening", "Card", NULL},
	{HTTP_POST, ALERT "/device", WHO_ACCOUNT, NULL, ask_device_command, NULL, 202, "Demander à l'appareil", "DeviceRequest", "Sent", NULL},
	{HTTP_POST, ALERT "/contacts/{contact}/message", WHO_ACCOUNT, NULL, ask_contact_command, NULL, 200, "Prévenir une personne de confiance", "Empty", "Card", NULL},
	{HTTP_DELETE, ALERT "/contacts/{contact}/link", WHO_ACCOUNT, NULL, revoke_link_command, NULL, 200, "Retirer le lien de suivi", NULL, "Card", NULL},
	{HTTP_GET, "/api/units", WHO_ACCOUNT, reader_units, NULL, NULL, 200, "Les unités de la salle", NULL, "UnitList", "alert"},
	{HTTP_GET, "/api/devices", WHO_ACCOUNT, reader_devices, NULL, NULL, 200, "Les appareils de la salle", NULL, "DeviceList", NULL},
	{HTTP_POST, "/api/test-alerts", WHO_ACCOUNT, NULL, test_alert_command, NULL, 201, "Lancer un essai", "TestOrder", "Card", NULL},
	{HTTP_GET, "/api/suivi/{token}", WHO_LINK, reader_follow, NULL, NULL, 200, "Ce que voit la personne de confiance", NULL, "Follow", NULL},
	{HTTP_POST, "/api/suivi/{token}/answer", WHO_LINK, NULL, follow_answer_command, NULL, 200, "Je m'en occupe", "FollowAnswer", "Follow", NULL},
	{HTTP_GET, "/api/patrouille/{token}", WHO_LINK, reader_patrol, NULL, NULL, 200, "Ce que voit la patrouille", NULL, "Patrol", NULL},
	{HTTP_POST, "/api/patrouille/{token}/state", WHO_LINK, NULL, patrol_state_command, NULL, 200, "Reçu, en route, arrivé, décliné", "PatrolStep", "Patrol", NULL},
	{HTTP_GET, "/api/feed", WHO_ACCOUNT, NULL, NULL, open_feed, 101, "Le flux en direct (WebSocket)", NULL, NULL, NULL},
	{HTTP_GET, "/api/openapi.json", WHO_ANYONE, NULL, NULL, show_description, 200, "Cette description", NULL, NULL, NULL},
	{HTTP_GET, "/health", WHO_ANYONE, NULL, NULL, show_health, 200, "Le serveur répond et sa base aussi", NULL, "Health", NULL},
	{HTTP_GET, "/metrics", WHO_LOOPBACK, NULL, NULL, show_metrics, 200, "Mesures, au format de Prometheus", NULL, NULL, NULL},
	{HTTP_GET, "/kannel/receipt", WHO_LOOPBACK, NULL, NULL, take_receipt, 200, "Accusé d'un SMS", NULL, NULL, NULL},
	{HTTP_GET, "/kannel/inbound", WHO_LOOPBACK, NULL, NULL, take_inbound, 200, "SMS reçu", NULL, NULL, NULL},
	{HTTP_GET, "/mobile/osmand", WHO_DEVICE, NULL, NULL, take_osmand, 200, "Position d'OsmAnd ou de Traccar Client", NULL, NULL, NULL},
	{HTTP_POST, "/mobile/osmand", WHO_DEVICE, NULL, NULL, take_osmand, 200, "Position d'OsmAnd ou de Traccar Client", NULL, NULL, NULL},
	{HTTP_POST, "/mobile/owntracks", WHO_DEVICE, NULL, NULL, take_owntracks, 200, "Position d'OwnTracks", NULL, NULL, NULL},
};
const size_t route_count = sizeof(routes) / sizeof(routes[0]);
