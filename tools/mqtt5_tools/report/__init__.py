"""What mqtt5-report is made of: gather (reads the capture), page (writes the HTML), charts (what is drawn), chartjs (Chart.js itself), progress."""
