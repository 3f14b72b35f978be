using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Chasqui.Tests.Support;

/// <summary>Takes tokens apart and puts them together again, by hand, as a forger would.</summary>
public static class Jwt
{
    public static JsonNode Header(string token) => Part(token, 0);

    public static JsonNode Payload(string token) => Part(token, 1);

    public static string Sign(JsonNode header, JsonNode payload, byte[] key) => Sign(header, payload.ToJsonString(), key);

    /// <summary>A payload exactly as it stands there.</summary>
    public static string Sign(JsonNode header, string payload, byte[] key)
    {
        var signed = $"{Encode(header)}.{WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(payload))}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = header.Text("alg") == "HS512" ? HMACSHA512.HashData(key, bytes) : HMACSHA256.HashData(key, bytes);
        return $"{signed}.{WebEncoders.Base64UrlEncode(signature)}";
    }

    /// <summary>The same token, with one claim changed (or removed, where it is <see langword="null"/>) and signed anew.</summary>
    public static string With(string token, string claim, JsonNode? value, byte[] key)
    {
        var payload = Payload(token).AsObject();
        if (value is null)
        {
            payload.Remove(claim);
        }
        else
        {
            payload[claim] = value;
        }

        return Sign(Header(token), payload, key);
    }

    public static string WithoutSignature(JsonNode header, JsonNode payload) => $"{Encode(header)}.{Encode(payload)}.";

    private static string Encode(JsonNode part) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(part.ToJsonString()));

    private static JsonNode Part(string token, int index) =>
        JsonNode.Parse(WebEncoders.Base64UrlDecode(token.Split('.')[index]))!;
}
