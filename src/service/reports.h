/* Inside service/: who sent a report. */
#ifndef SERVICE_REPORTS_H
#define SERVICE_REPORTS_H

#include "service/work.h"
#include "store/alerts.h"
#include "store/devices.h"

/* -ENOENT: nobody enrolled; -EACCES: enrolled, but not to speak from there. */
int report_device(struct work *w, const struct device_report *report, struct device *ret_device);
/* Its open alert or its wearer's, and its open test. */
int report_alerts(struct work *w, const struct device *device, struct open_alerts *ret_open);

#endif
