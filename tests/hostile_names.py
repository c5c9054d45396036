"""A capture whose Client IDs, topics and texts try to be markup, script, or the end of a field, for programs that print them."""

TOPIC = "</script><script>document.title='harmed'</script><!--"
CLIENT_ID = "<img src=x onerror=\\\"document.title='harmed'\\\">&amp;"
OTHERS = ("]]>", "a\\x1fb", "c\\x0cd", "\\xe2\\x80\\xaebidi", "{{constructor}}", "'; DROP TABLE findings; --", "tab\\x09line\\x0aend", "\\xf0\\x9f\\x92\\xa9")

TEXT = f"""# Names that try to be something else
expect 9 string_control_character
client 10 [ "MQTT" 05 02 003c [ ] "{CLIENT_ID}" ]
server 20 [ 00 00 [ ] ]
client 82 [ 0001 [ ] "{TOPIC}" 00 ]
server 90 [ 0001 [ 1f "{TOPIC}" ] 87 ]
""" + "".join(f'client 30 [ "{topic}" [ ] \'<b>payload</b>\' ]\n' for topic in (TOPIC, *OTHERS)) + """
server e0 [ 8e [ 1f "</script><svg onload=alert(1)>" ] ]
server fin
client fin
"""
