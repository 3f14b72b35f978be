"""Chats over the raw WebSocket: python3 chat.py <you> <your password> <them>, then type lines.

It needs the package websockets (pip install websockets, or python3-websockets of Debian).
"""
import asyncio
import base64
import json
import os
import random
import sys
import urllib.error
import urllib.request
import uuid

import websockets

# After these close codes the server would refuse the same frame, or the same user, again.
FINAL = {1003, 1007, 1008, 1009, 4403}

server = os.environ.get("CHASQUI_URL", "http://localhost:8080")
token = None
socket = None
newest = 0   # the seq of the last message that was shown
unsent = {}  # messages without an Ack: sent again, and stored once


def post(path, body=None):
    request = urllib.request.Request(server + "/api" + path, json.dumps(body or {}).encode(), {"Content-Type": "application/json"})
    if token:
        request.add_header("Authorization", "Bearer " + token)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def give_up(sentence):
    print(sentence, file=sys.stderr, flush=True)
    os._exit(1)  # ends the thread that reads lines, too


def log_in():
    global token
    token = None
    try:
        token = post("/login", {"username": username, "password": password})["token"]
    except urllib.error.HTTPError as refused:
        if refused.code in (401, 403):
            give_up(json.load(refused)["message"])
        raise


async def renew():
    """Exchanges the token for a fresh one when half of its life is over."""
    global token
    while True:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "==")) if token else {"iat": 0, "exp": 2}
        await asyncio.sleep(max(1, (claims["exp"] - claims["iat"]) / 2))
        try:
            token = token and post("/token")["token"]
        except OSError:
            await asyncio.sleep(1)  # not now, or the token has ended


def receive(event):
    global newest
    if event["type"] == "NewMessage":
        newest = event["message"]["seq"]
        print(f'{names.get(event["message"]["sender_id"])}: {event["message"]["content"]}', flush=True)
    elif event["type"] == "Ack":
        unsent.pop(event["request_id"], None)
        if event.get("replayed") is False:
            newest = event["seq"]  # too far behind for a replay: the history has the rest
    elif event["type"] == "Error":
        if "retry_after_ms" not in event:
            unsent.pop(event.get("request_id"), None)
        print(event["message"], file=sys.stderr, flush=True)


async def stay_connected():
    global socket, token
    while True:
        try:
            if not token:
                log_in()
            ticket = post("/ws/ticket")["ticket"]
            async with websockets.connect(server.replace("http", "ws", 1) + "/api/ws/chat?ticket=" + ticket) as opened:
                await opened.send(json.dumps({"type": "join", "conversation_id": talk["id"], "after": newest, "request_id": "join"}))
                for frame in list(unsent.values()):
                    await opened.send(frame)
                socket = opened
                async for text in opened:
                    receive(json.loads(text))
        except urllib.error.HTTPError as refused:
            if refused.code == 401:
                token = None  # the token has ended
        except websockets.ConnectionClosed as closed:
            if closed.rcvd and closed.rcvd.code in FINAL:
                give_up(f"The server closed the connection: {closed.rcvd.reason}.")
        except (OSError, websockets.WebSocketException):
            pass  # the server cannot be reached
        socket = None
        await asyncio.sleep(1 + random.random())


async def say(line):
    id = str(uuid.uuid4())
    unsent[id] = json.dumps({"type": "message", "conversation_id": talk["id"], "content": line, "client_message_id": id, "request_id": id})
    if socket:
        try:
            await socket.send(unsent[id])
        except websockets.ConnectionClosed:
            pass  # it is sent on the next connection


async def main():
    connected, renewing = asyncio.create_task(stay_connected()), asyncio.create_task(renew())
    while line := await asyncio.to_thread(sys.stdin.readline):
        await say(line.rstrip("\n"))
    while unsent:
        await asyncio.sleep(0.1)
    connected.cancel()
    renewing.cancel()


username, password, friend = sys.argv[1:]
log_in()
talk = post("/conversations", {"conversation_type": "direct", "participant_ids": [friend]})
names = {member["id"]: member["username"] for member in talk["members"]}
asyncio.run(main())
